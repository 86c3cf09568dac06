"""Processes that answer: pages and API in one (``edm app``), or the API in several (``edm serve``)."""
