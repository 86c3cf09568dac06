"""Names of languages as speech servers write them, and their codes (ISO 639)."""

from __future__ import annotations

_NAMES = """\
af afrikaans, am amharic, ar arabic, as assamese, az azerbaijani, ba bashkir, be belarusian, bg bulgarian,
bn bengali, bo tibetan, br breton, bs bosnian, ca catalan, cs czech, cy welsh, da danish, de german, el
greek, en english, es spanish, es castilian, et estonian, eu basque, fa persian, fi finnish, fo faroese, fr
french, gl galician, gu gujarati, ha hausa, haw hawaiian, he hebrew, hi hindi, hr croatian, ht haitian
creole, ht haitian, hu hungarian, hy armenian, id indonesian, is icelandic, it italian, ja japanese, jw
javanese, ka georgian, kk kazakh, km khmer, kn kannada, ko korean, la latin, lb luxembourgish, ln lingala,
lo lao, lt lithuanian, lv latvian, mg malagasy, mi maori, mk macedonian, ml malayalam, mn mongolian, mr
marathi, ms malay, mt maltese, my myanmar, my burmese, ne nepali, nl dutch, nl flemish, nn nynorsk, no
norwegian, oc occitan, pa punjabi, pl polish, ps pashto, pt portuguese, ro romanian, ro moldavian, ru
russian, sa sanskrit, sd sindhi, si sinhala, sk slovak, sl slovenian, sn shona, so somali, sq albanian, sr
serbian, su sundanese, sv swedish, sw swahili, ta tamil, te telugu, tg tajik, th thai, tk turkmen, tl
tagalog, tr turkish, tt tatar, uk ukrainian, ur urdu, uz uzbek, vi vietnamese, yi yiddish, yo yoruba, yue
cantonese, zh chinese, zh mandarin"""

_CODES = {
    name: code
    for code, _, name in (entry.strip().partition(" ") for entry in " ".join(_NAMES.split()).split(","))
}


def code_of(name: str) -> str | None:
    """Return the code of a language given by its English name or its code, or None.

    Examples
    --------
    >>> code_of("English"), code_of("en"), code_of("Klingon")
    ('en', 'en', None)
    """
    plain = name.strip().casefold()
    return plain if plain in _CODES.values() else _CODES.get(plain)
