"""The WSGI application that the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

from .processes import PARENT_VARIABLE, die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "routing_admin.settings")

# Under `up` the server runs us in a process of its own: that one must not outlive the server.
if PARENT_VARIABLE in os.environ:
    die_with_parent()

application = get_wsgi_application()
