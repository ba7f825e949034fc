"""The door to Jupyter Server: routes under ``/mlart/``, the save listener, adoption."""
