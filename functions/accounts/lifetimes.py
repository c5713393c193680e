"""How long things live, in seconds. Without imports, so that whoever writes a cookie or a mail can ask."""

ACCESS = 30 * 60  # an access token; the frontend refreshes every 20 minutes
REFRESH = 14 * 24 * 3600  # a refresh token, so a session that is not used
SESSION = 90 * 24 * 3600  # a session, however often it is refreshed (OWASP ASVS 5.0, 7.3.2)
GRACE = 10  # how long a used refresh token is answered with the same successor
ACTIVATION = 3 * 24 * 3600  # an activation link, and an address that was never activated
RESET = 24 * 3600  # a password reset link
KNOWN_NETWORK = 90 * 24 * 3600  # that somebody logged in from a network
