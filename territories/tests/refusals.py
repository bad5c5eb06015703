"""How a refused object is asked for its fault."""

import pytest
from django.core.exceptions import ValidationError


def refused(field, make, **values):
    """Return the messages with which `make(**values)` is refused for `field`, and only it."""
    with pytest.raises(ValidationError) as caught:
        make(**values)
    assert list(caught.value.message_dict) == [field]
    return " ".join(caught.value.message_dict[field])
