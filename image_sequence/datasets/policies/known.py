"""Label policies from JSON, by their names."""

from collections.abc import Mapping
from typing import Any, Protocol

from image_sequence.datasets.policies.digits import Digits
from image_sequence.datasets.policies.held_out import HeldOut
from image_sequence.datasets.policies.kinds import LabelPolicy
from image_sequence.datasets.policies.numbers import Numbers
from image_sequence.datasets.policies.pairs import Pairs
from image_sequence.datasets.policies.pattern import Pattern
from image_sequence.datasets.policies.settings import hint
from image_sequence.datasets.policies.strings import Strings
from image_sequence.datasets.policies.texts import Texts
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown


class PolicyKind(Protocol):
    """A class of policies."""

    def from_settings(self, settings: Mapping[str, Any]) -> LabelPolicy:
        """The policy from what JSON says beside its name."""
        ...


POLICIES: Mapping[str, PolicyKind] = {
    "digits": Digits,
    "numbers": Numbers,
    "texts": Texts,
    "pattern": Pattern,
    "pairs": Pairs,
}


def policy_of(settings: object) -> LabelPolicy:
    """The policy that JSON describes.

    Args:
        settings: an object: the key "policy" has a name, "held_out" texts that are never shown, and
            the others are the policy's own.

    Raises:
        ArgumentTypeError: a part is of another kind than it should be.
        ArgumentValueError: an unknown name or key, or a value that cannot work.

    >>> policy_of({"policy": "digits", "length": [3, 8]}).to_dict()
    {'policy': 'digits', 'length': [3, 8]}
    """
    if not isinstance(settings, Mapping):
        raise ArgumentTypeError(
            f'labels are an object such as {{"policy": "digits", "length": 5}}, '
            f"not {shown(settings)}"
        )
    own = dict(settings)
    kind = _kind(own.pop("policy", None))
    held_out = own.pop("held_out", None)
    policy = kind.from_settings(own)
    if held_out is None:
        return policy
    strings = Strings.of(held_out, "held_out")
    return policy.without(strings) if isinstance(policy, Texts) else HeldOut(policy, strings)


def _kind(name: object) -> PolicyKind:
    listed = ", ".join(POLICIES)
    if name is None:
        raise ArgumentValueError(f"the key policy is missing; there are the policies {listed}")
    if not isinstance(name, str):
        raise ArgumentTypeError(f"policy is the name of a policy, {listed}, not {shown(name)}")
    if name not in POLICIES:
        raise ArgumentValueError(
            f"there is no policy {shown(name)}; there are {listed}{hint(name, tuple(POLICIES))}"
        )
    return POLICIES[name]
