"""The words of the field, each defined once: states, levels, roles, force types."""

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """Severity of a warning, an alert or a response: I is the worst."""

    I = 1  # noqa: E741
    II = 2
    III = 3
    IV = 4


class Role(StrEnum):
    WALL = "wall"
    LEADER = "leader"
    SHIFT_LEAD = "shift_lead"
    OFFICER = "officer"
    RESPONDER = "responder"
    ADMIN = "admin"


class Category(StrEnum):
    """Classes of emergency events, plus everyday city management."""

    NATURAL = "natural"
    ACCIDENT = "accident"
    HEALTH = "health"
    SECURITY = "security"
    CITY = "city"


class ForceType(StrEnum):
    POL = "POL"
    FIR = "FIR"
    MED = "MED"
    CGT = "CGT"
    GRD = "GRD"
    EMT = "EMT"
    UTL = "UTL"
    TRF = "TRF"
    ENV = "ENV"
    PAP = "PAP"
    VOL = "VOL"
    UAV = "UAV"
    COM = "COM"


class AlertState(StrEnum):
    NEW = "NEW"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    CONFIRMED = "CONFIRMED"
    LINKED = "LINKED"
    MERGED = "MERGED"
    FALSE = "FALSE"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class IncidentState(StrEnum):
    VERIFIED = "VERIFIED"
    RESPONDING = "RESPONDING"
    CONTROLLED = "CONTROLLED"
    ENDED = "ENDED"
    CLOSED = "CLOSED"


class Mode(StrEnum):
    PEACETIME = "PEACETIME"
    STANDBY = "STANDBY"
    WARTIME = "WARTIME"


class ActivationState(StrEnum):
    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"
    DISMISSED = "DISMISSED"
    LAPSED = "LAPSED"


class Signature(StrEnum):
    """What an activation still lacks: somebody in the lead, a leader, another person."""

    LEAD = "lead"
    LEADER = "leader"
    SECOND = "second"


class OrderState(StrEnum):
    DRAFT = "DRAFT"
    ISSUED = "ISSUED"
    DELIVERED = "DELIVERED"
    READ = "READ"
    ACKED = "ACKED"
    DECLINED = "DECLINED"
    EN_ROUTE = "EN_ROUTE"
    ON_SCENE = "ON_SCENE"
    DONE = "DONE"
    VERIFIED = "VERIFIED"
    CANCELLED = "CANCELLED"


class Priority(IntEnum):
    """Urgency of an order: 特急, 紧急, 一般."""

    FLASH = 1
    URGENT = 2
    ROUTINE = 3


class OrderKind(StrEnum):
    DISPATCH = "dispatch"
    CONTROL = "control"
    EVACUATE = "evacuate"
    SUPPORT = "support"
    VERIFY = "verify"
    REPORT = "report"


class UnitStatus(StrEnum):
    AVAILABLE = "AVAILABLE"
    ASSIGNED = "ASSIGNED"
    EN_ROUTE = "EN_ROUTE"
    ON_SCENE = "ON_SCENE"
    OFF_DUTY = "OFF_DUTY"
    OUT_OF_SERVICE = "OUT_OF_SERVICE"


class LoanState(StrEnum):
    """A unit of a neighbouring district, asked for and lent."""

    ASKED = "ASKED"
    LENT = "LENT"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"
    RETURNED = "RETURNED"


class TimerKind(StrEnum):
    ALERT_ACK = "alert_ack"
    ALERT_EXPIRY = "alert_expiry"
    ORDER_ACK = "order_ack"
    ACTIVATION_LAPSE = "activation_lapse"
    PLAN_STEP = "plan_step"
    WALL_PUSH = "wall_push"
    VIEWING = "viewing"
    SAFETY = "safety"
    LOAN_ANSWER = "loan_answer"
    LOAN_OVER = "loan_over"
    ORDER_CONTENDED = "order_contended"


class CallState(StrEnum):
    OPEN = "OPEN"
    ENDED = "ENDED"


class PartyState(StrEnum):
    """Somebody's part in a call. AWAY: the line is lost, and the phone is trying to come back."""

    INVITED = "INVITED"
    JOINED = "JOINED"
    AWAY = "AWAY"
    LEFT = "LEFT"
    REMOVED = "REMOVED"


class Datum(StrEnum):
    WGS84 = "WGS84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ02"
    BD09 = "BD09"


IN_CALL = (PartyState.INVITED, PartyState.JOINED, PartyState.AWAY)
"""Who may be in a call now."""
OPEN_ALERTS = (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.CONFIRMED)
HOLDING = (
    OrderState.ISSUED,
    OrderState.DELIVERED,
    OrderState.READ,
    OrderState.ACKED,
    OrderState.EN_ROUTE,
    OrderState.ON_SCENE,
)
UNSIGNED = (OrderState.ISSUED, OrderState.DELIVERED, OrderState.READ)
COUNTED = ("calls_110", "calls_119", "hazmat_alarms")
"""The indicators that count alerts; each source of a city says which of them count its own."""
OPEN_LOANS = (LoanState.ASKED, LoanState.LENT)
OPEN_INCIDENTS = (
    IncidentState.VERIFIED,
    IncidentState.RESPONDING,
    IncidentState.CONTROLLED,
)

CITY = "city"
"""The scope that contains every district."""
REAL = "real"
"""The live realm; a drill has its own, `drill-<id>`."""

EVENT_TYPES = frozenset(
    """
    AlertReceived AlertUpdated AlertCancelled AlertAcknowledged AlertVerified AlertDismissed
    AlertMerged AlertLinked AlertExpired AlertEscalated
    IncidentOpened IncidentNoted IncidentGraded IncidentControlled IncidentEnded
    IncidentFactsGiven IncidentStepLate ScreenPushed ScreenUnreachable
    ActivationProposed ActivationSigned ActivationStarted ActivationRejected ActivationLapsed
    ActivationChecked ActivationEnded
    OrderDrafted OrderEdited OrderDiscarded OrderIssued OrderDelivered OrderRead OrderAcknowledged
    OrderDeclined OrderEnRoute OrderOnScene OrderDone OrderVerified OrderCancelled OrderReminded
    OrderEscalated OrderUnreachable OrderContended UnitStatusChanged
    LoanAsked LoanGranted LoanDeclined LoanLapsed LoanWithdrawn LoanReturned LoanOverdue
    LoanRecalled
    WallPushed WallReleased WallArranged ViewingStarted ViewingExtended ViewingEnded
    UploadReceived SharingStarted SharingEnded SendingStarted SendingEnded
    SafetyStarted SafetyConfirmed SafetyEnded
    PersonDown HelpAsked MessageQuarantined QuarantineSeen
    CallOpened CallInvited CallLinked CallJoined CallLost CallLeft CallRemoved CallMuted
    CallUnmuted CallHandRaised CallHandLowered CallEnded RecordingStored RecordingPictured
    RecordingDeleted
    CameraRegistered CameraRemoved CameraDisabled CameraEnabled ClockSet ClockJumped ClockConfirmed
    WatchdogCalled AccountChanged SignedIn SignedOut SignInRefused KeyIssued KeyRevoked
    """.split()  # noqa: SIM905
)
"""Everything that the log may say."""
