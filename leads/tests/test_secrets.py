"""Secrets at rest open with the present key and with former ones, and with nothing else."""

import pytest

from leads.secrets import SecretLost, seal, unseal


def test_a_sealed_text_opens_again_and_does_not_show():
    sealed = seal("slack://token")
    assert "token" not in sealed
    assert unseal(sealed) == "slack://token"
    assert seal("slack://token") != sealed


def test_a_former_key_opens_what_it_sealed(settings):
    settings.SECRET_KEY = "old"
    sealed = seal("text")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
    assert unseal(sealed) == "text"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SecretLost):
        unseal(sealed)


@pytest.mark.parametrize("sealed", ["", "text", "ü"])
def test_what_was_not_sealed_does_not_open(sealed):
    with pytest.raises(SecretLost):
        unseal(sealed)
