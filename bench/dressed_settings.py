"""The product's settings with the bare view in place of its paths."""

from routing_admin.settings import *  # noqa: F403 - all of them, but one

ROOT_URLCONF = "bench.bare"
