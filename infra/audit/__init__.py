"""Whether any package that Videoflix uses has a known vulnerability."""
