"""Rendered forms: music made from forms that people heard, with its exact truth, to train and to judge on."""
