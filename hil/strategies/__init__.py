"""Board states and the ways between them."""
