"""The simulated audience, measured: preference pairs, planted panels, and the judge laboratory."""
