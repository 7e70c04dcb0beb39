"""Events by what they happen to: after them a picture of such things is stale."""

from dispatch.vocabulary import EVENT_TYPES


def about(*things: str) -> frozenset[str]:
    """Every event type whose name begins with one of these words."""
    return frozenset(one for one in EVENT_TYPES if one.startswith(things))


CLOCK = about("ClockJumped", "ClockConfirmed")
"""A jump moves every limit that is counted down."""
ALERT = about("Alert", "ClockJumped")
INCIDENT = about("Incident", "AlertMerged")
"""An alert that is merged into one of an incident becomes an alert of that incident."""
ACTIVATION = about("Activation", "ClockJumped")
ORDER = about("Order", "ClockJumped")
UNIT = about("UnitStatus", "IncidentEnded") | frozenset(
    f"Order{what}"
    for what in ["Issued", "Declined", "Unreachable", "EnRoute", "OnScene", "Done", "Cancelled"]
)
"""What takes a unit, moves it or sets it free."""
LOAN = about("Loan")
SCREEN = about("Screen")
QUARANTINE = about("MessageQuarantined", "QuarantineSeen")
MODE = frozenset({"ActivationStarted", "ActivationEnded"})
