"""Who asks, from where, how often, and whether they may: what every request passes before it is answered."""
