"""Known one-line defects, each of which a named test must notice. See ``README.md`` beside this file."""
