"""The way in of films through the API: instructions by which a client sends a file straight to storage."""
