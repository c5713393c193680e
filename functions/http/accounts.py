"""All account calls together: sign_up.py, sign_in.py, passwords.py and profile.py."""

from functions.http import passwords, profile, sign_in, sign_up
from functions.http.routing import Routes

routes = Routes()
for _area in (sign_up, sign_in, passwords, profile):
    routes.views.update(_area.routes.views)
