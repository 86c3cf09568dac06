"""How the small networks that ship with the workbench were made: rendered forms in, weights out."""
