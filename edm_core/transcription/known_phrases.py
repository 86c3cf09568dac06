"""Phrases that Whisper is known to write for silence, noise and music: its training text was subtitles.

Found in public reports about the model and in Koenecke et al., "Careless Whisper: speech-to-text
hallucination harms" (FAccT 2024). All are plain: small letters, no marks, as
:func:`~edm_core.transcription.evidence.plain` makes them.
"""

from __future__ import annotations

CREDITS = frozenset(
    {
        "amara org",
        "amara.org",
        "dimatorzok",
        "subtitles by the",
        "subtitles created by",
        "captions by",
        "transcription by castingwords",
        "untertitel der",
        "untertitel im auftrag des zdf",
        "untertitelung des zdf",
        "untertitelung aufgrund der",
        "sous titres réalisés",
        "sous titrage st",
        "sous titrage société radio canada",
        "sottotitoli creati dalla",
        "sottotitoli e revisione a cura di",
        "subtítulos realizados por",
        "subtítulos por la comunidad",
        "legendas pela comunidade",
        "ondertiteling",
        "ondertitels ingediend door",
        "napisy stworzone przez",
        "субтитры сделал",
        "субтитры создавал",
        "субтитры подогнал",
        "редактор субтитров",
        "字幕由",
        "字幕提供",
        "中文字幕",
        "字幕志愿者",
    }
)
"""Parts of text that nobody says on air: text that holds one is rejected."""

FILLERS = frozenset(
    {
        "thank you",
        "thank you very much",
        "thank you so much",
        "thanks",
        "thanks for watching",
        "thank you for watching",
        "thanks for listening",
        "thank you for listening",
        "please subscribe",
        "please subscribe to my channel",
        "like and subscribe",
        "see you next time",
        "see you in the next video",
        "bye",
        "bye bye",
        "you",
        "so",
        "oh",
        "okay",
        "hmm",
        "i'm sorry",
        "the end",
        "music",
        "applause",
        "silence",
        "vielen dank",
        "danke",
        "vielen dank fürs zuschauen",
        "merci",
        "merci d'avoir regardé cette vidéo",
        "gracias",
        "gracias por ver el video",
        "grazie",
        "grazie a tutti",
        "grazie per la visione",
        "obrigado",
        "спасибо",
        "спасибо за просмотр",
        "продолжение следует",
        "ご視聴ありがとうございました",
        "字幕",
        "謝謝",
        "谢谢",
        "谢谢观看",
        "感谢观看",
        "시청해주셔서 감사합니다",
        "감사합니다",
    }
)
"""Whole texts that people also say: one is rejected where the evidence for it is poor."""
