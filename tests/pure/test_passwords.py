"""SIP passwords as Vobiz takes them."""

import string

from bot.workflow.passwords import new_password

SPECIAL = "~!@#$%^&*()_+"


def test_a_password_has_what_is_asked_of_it_and_is_never_the_same() -> None:
    made = [new_password() for _ in range(300)]
    for password in made:
        assert len(password) == 20
        assert set(password) <= set(string.ascii_letters + string.digits + SPECIAL)
        assert sum(one in SPECIAL for one in password) == 1
        for needed in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
            assert set(password) & set(needed)
    assert len(set(made)) == 300
    assert {password.index(one) for password in made for one in password if one in SPECIAL} == set(range(20))
