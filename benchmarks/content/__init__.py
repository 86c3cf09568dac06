"""How well the content of passages is judged, on text that nobody learnt from."""
