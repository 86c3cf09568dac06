"""Human forms played by LMMS: rendered music for testing only, never for training.

The forms are the ten tracks of edm98's test split (section labels set by people); the sounds are the presets
and samples that LMMS brings; arrangement, notes and mix are this package's own rules. Truth is exact::

    python -m benchmarks.unseen --out FOLDER [--count 24] [--seed 0]

It shares no code with the renderer that makes training material, and must not be tuned to what is trained on
that. Needs ``lmms`` with its common data, and the package ``edm98`` for the forms.
"""
