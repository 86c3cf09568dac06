"""How the database came to look as it does: one module a step in ``versions``, run by Alembic on first use.

A new step is a new module there: ``revision`` is its name, ``down_revision`` that of the step before. Steps
that have been released are not edited. ``edm_core.store.database.HEAD`` names the last one.
"""
