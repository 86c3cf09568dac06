"""How the workbench is doing: metrics, logs, health, and what the page System shows."""
