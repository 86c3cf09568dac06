"""Speech, music, both or neither: material with known truth, how the detector was trained, how good it is."""
