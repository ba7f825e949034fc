"""The door to IPython: capture, magics, completion. Nothing outside imports IPython."""
