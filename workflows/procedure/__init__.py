"""The rules of the procedure, pure: they know neither Temporal, nor the present instant, nor any I/O."""
