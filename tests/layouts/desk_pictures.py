"""Pictures as the desk gets them: one evening at a chemical park, told by hand."""

from typing import Any

NOW = 1_773_813_192_000  # 2026-03-18 13:53:12 in Shanghai
MINUTE = 60_000


def names(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


PORT = [names("港口区", "Gangkou District")]


def alert(id: str, **given: Any) -> dict[str, Any]:
    base = {
        "id": id, "source": "park", "source_name": names("园区在线监测", "Park monitoring"),
        "ext_id": id, "revision": 1, "state": "NEW", "category": "accident", "type": "leak",
        "severity": 4, "title": "化工园区氨气浓度异常", "text": "", "place": "港口区 云港化工 2# 罐区",
        "lat": 38.1, "lon": 118.6, "geometry": None, "scope": ["gk"], "scope_names": PORT,
        "occurred_at": NOW - 3 * MINUTE, "received_at": NOW - 2 * MINUTE, "expires_at": None,
        "ack_due": NOW + 8 * MINUTE, "confidence": 0.88, "reading": None, "acked_by": None,
        "acked_at": None, "verified_by": None, "verified_at": None, "note": "", "merged_into": None,
        "incident": None, "closed_at": None, "incident_title": None, "merged_count": 0,
        "from_seq": 1,
    }  # fmt: skip
    return {**base, **given}


def incident(id: str = "EV-0318-0001", **given: Any) -> dict[str, Any]:
    base = {
        "id": id, "state": "RESPONDING", "category": "accident", "type": "leak",
        "title": "港口化工园区液氨储罐泄漏", "place": "港口区 云港化工 2# 罐区", "lat": 38.1, "lon": 118.6,
        "scope": ["gk"], "scope_names": PORT, "grade": 3, "alerts": ["AL-0318-0001"],
        "plan": "hazmat", "occurred_at": NOW - 48 * MINUTE, "reported_at": NOW - 47 * MINUTE,
        "opened_at": NOW - 44 * MINUTE, "opened_by": "xu", "opened_by_name": names("许文博", "Xu Wenbo"),
        "ended_at": None, "activation": None,
        "orders": {"total": 6, "unsigned": 2, "overdue": 1, "done": 1},
    }  # fmt: skip
    return {**base, **given}


def order(n: int, state: str = "ISSUED", **given: Any) -> dict[str, Any]:
    id = f"ZL-0318-{n:04d}"
    base = {
        "id": id, "incident": "EV-0318-0001", "state": state, "kind": "dispatch", "priority": 2,
        "text": "重型防化到集结点 A，上风向展开", "unit": f"FIR-{n}",
        "unit_name": names(f"消防 {n} 站", f"Fire station {n}"), "plan_step": n, "scope": ["gk"],
        "drafted_by": "xu", "drafted_at": NOW - 30 * MINUTE, "authorised_by": "meng",
        "issued_by": "xu", "issued_at": NOW - 10 * MINUTE, "ack_limit": 180,
        "ack_due": NOW - 10 * MINUTE + 180_000, "stamps": {}, "escalation": 0, "reminded_at": None,
        "note": "", "supersedes": None, "proposed": None, "force_type": "FIR",
        "incident_title": "港口化工园区液氨储罐泄漏", "incident_level": 3,
    }  # fmt: skip
    if state != "DRAFT":
        base["stamps"] = {"ISSUED": {"at": NOW - 10 * MINUTE, "by": "xu", "received": NOW}}
    return {**base, **given}


def unit(n: int, **given: Any) -> dict[str, Any]:
    reasons = {"eta_s": 300 + 120 * n, "distance_m": 2000 + 900 * n, "capabilities": ["hazmat"],
               "missing": [] if n < 3 else ["pump"], "fresh_s": 4, "busy": None}  # fmt: skip
    base = {
        "id": f"FIR-{n}", "name": names(f"消防 {n} 站 防化班", f"Fire station {n} hazmat"),
        "force_type": "FIR", "district": "gk", "score": 96.0 - 6 * n, "offered": True,
        "heard": "fresh", "status": "AVAILABLE", "last_of_district": False, "needs": ["hazmat"],
        "eta_kind": "straight", "reasons": reasons,
    }  # fmt: skip
    return {**base, **given}


def activation(**given: Any) -> dict[str, Any]:
    base = {
        "id": "MA-0318-0001", "incident": "EV-0318-0001", "mode": "WARTIME", "level": 3,
        "scope": ["gk"], "scope_names": PORT, "plan": "hazmat",
        "reason": "氨 34 ppm 持续 5 分，受威胁 2,300 人", "state": "ACTIVE", "needs": [],
        "signed": [
            {"by": "xu", "role": "shift_lead", "at": NOW - 33 * MINUTE, "by_name": names("许文博", "Xu Wenbo")},
            {"by": "meng", "role": "leader", "at": NOW - 32 * MINUTE, "by_name": names("孟副市长", "Vice-Mayor Meng")},
        ],
        "proposed_by": "xu", "proposed_by_name": names("许文博", "Xu Wenbo"),
        "proposed_at": NOW - 33 * MINUTE, "expires_at": NOW - 30 * MINUTE,
        "started_at": NOW - 32 * MINUTE, "checklist": checklist(), "ended_at": None,
        "ended_by": None, "end_reason": "", "incident_title": "港口化工园区液氨储罐泄漏", "open_items": 5,
    }  # fmt: skip
    return {**base, **given}


def checklist() -> list[dict[str, Any]]:
    words = [(None, "4 点位连续 30 分 ≤ 10 ppm", "4 points below 10 ppm for 30 min"),
             ("orders_closed", None, None), ("units_released", None, None),
             ("permissions_revoked", None, None), ("report_sent", None, None)]  # fmt: skip
    done = {0, 2}
    return [
        {"item": n, "word": word, "zh": zh, "en": en, "done": n in done, "note": "", "owner": None,
         "by": "xu" if n in done else None, "at": NOW - MINUTE if n in done else None}
        for n, (word, zh, en) in enumerate(words)
    ]  # fmt: skip


def activations(mode: str = "PEACETIME", **given: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "active": [], "proposed": [], "ended_recent": [], "mode": mode, "level": 0, "epoch": 41,
        "own": [], "neighbours": [],
    }  # fmt: skip
    if mode != "PEACETIME":
        base |= {"active": [activation(mode=mode)], "own": ["MA-0318-0001"], "level": 3}
    return {**base, **given}


def tile(n: int, **given: Any) -> dict[str, Any]:
    trend = [[NOW - (24 - i) * 3_600_000, 96 + (i * n) % 5] for i in range(24)]
    base = {
        "id": f"tile{n}", "name": names(f"12345 办结 {n}", f"12345 closed {n}"), "value": 95.1 + n,
        "unit": names("%", "%"), "as_of": NOW - n * MINUTE, "source": names("12345 平台", "12345"),
        "freshness": "ok", "period_s": 300, "low": 94.0, "high": 100.0, "scale_low": 80.0,
        "scale_high": 110.0, "target": 97.0, "direction": "up", "trend": trend,
        "off_target": n == 0, "rows": 12,
    }  # fmt: skip
    return {**base, **given}


def steps() -> list[dict[str, Any]]:
    texts = [
        "初控：开启水幕，关阀断料",
        "主战：侦检、堵漏",
        "供水并作备份",
        "封控港五路口",
        "待命于上风向集结点 A",
    ]
    states = ["done", "active", "active", "pending", "pending"]
    return [
        {"seq": n, "phase": "main", "text": names(text, f"Step {n}"), "force_type": "FIR",
         "limit_at": NOW + (n - 3) * 4 * MINUTE, "state": state,
         "order": f"ZL-0318-{n:04d}" if state != "pending" else None,
         "order_state": {"done": "DONE", "active": "ISSUED"}.get(state),
         "unit_name": names(f"消防 {n} 站", f"Fire {n}") if state != "pending" else None}
        for n, (text, state) in enumerate(zip(texts, states, strict=True), 1)
    ]  # fmt: skip


def log() -> list[dict[str, Any]]:
    said = [("OrderIssued", {}), ("IncidentNoted", {"text": "周海峰：法兰变形，倒罐车要 3 台"}),
            ("AlertVerified", {"note": "企业值班室：2# 罐法兰泄漏"}), ("AlertReceived", {})]  # fmt: skip
    return [
        {"seq": 90 - n, "at": NOW - n * MINUTE, "type": kind, "subject": "EV-0318-0001",
         "actor": "xu", "actor_name": names("许文博", "Xu Wenbo"), "body": body}
        for n, (kind, body) in enumerate(said)
    ]  # fmt: skip


def screens() -> dict[str, Any]:
    def one(n: int) -> dict[str, Any]:
        role = "wall" if n < 3 else "officer" if n < 17 else "responder"
        state = {17: "silent", 33: "behind"}.get(n, "confirmed")
        return {"id": f"s{n}", "screen": f"s{n}", "name": f"{n} 号屏", "role": role, "epoch": 47,
                "mode": "PEACETIME", "seen_at": NOW - 90_000 * (state != "confirmed"), "scope": ["gk"],
                "scope_names": PORT, "state": state}  # fmt: skip

    shown = [one(n) for n in range(1, 41)]
    return {"confirmed": 38, "total": 40, "epoch": 47, "mode": "PEACETIME", "screens": shown}


def pictures(mode: str = "PEACETIME", **given: Any) -> dict[str, Any]:
    """Everything at once, in a mode; any picture may be given instead."""
    rows = [
        alert("AL-0318-0001", severity=3, state="ACKNOWLEDGED", acked_at=NOW - MINUTE, acked_by="xu",
              acked_by_name=names("许文博", "Xu Wenbo"),
              reading={"sensor": "AN-2047", "value": 18.0, "unit": "ppm", "limit": 30.0}),
        alert("AL-0318-0002", title="市民来电：高架匝道路面有油污", place="西城区 河西高架 3 号匝道"),
        alert("AL-0318-0003", severity=2, title="山林烟点（无人机识别）", place="北湖县 石门沟", merged_count=2),
        alert("AL-0318-0004", state="LINKED", incident="EV-0318-0001", severity=3, title="燃气管线被挖断",
              incident_title="港口化工园区液氨储罐泄漏"),
        alert("AL-0318-0005", state="FALSE", closed_at=NOW - 5 * MINUTE, title="电梯困人"),
    ]  # fmt: skip
    war = mode != "PEACETIME"
    orders = [order(1, "DONE"), order(2, escalation=1, ack_due=NOW - 3 * MINUTE), order(3, "ACKED"),
              order(4, "DRAFT", unit_name=names("交警二中队", "Traffic 2")), order(5, "DRAFT", unit=None, unit_name=None)]  # fmt: skip
    whole = {
        "incident": incident() if war else None,
        "alert": {**rows[0], "similar": [{**rows[1], "distance_m": 380}]},
        "orders": orders if war else [], "steps": steps(), "log": log(),
        "activation": activation() if war else None,
        "plan": {"id": "hazmat", "name": names("危化品预案", "Hazmat plan")},
    }  # fmt: skip
    base = {
        "alerts": {"alerts": rows, "counts": {"open": 4, "new": 3, "handling": 1, "closed_today": 87, "per_hour": 9}},
        "incidents": {"incidents": [incident(), incident("EV-0318-0002", title="南河县内涝", grade=4, opened_at=NOW)] if war else []},
        "incident": whole,
        "orders": {"orders": [one for one in orders if one["state"] != "DRAFT"] if war else []},
        "activations": activations(mode),
        "recommend": {"needs": [{"force_type": "FIR", "capabilities": ["hazmat"]}],
                      "units": [unit(1), unit(2), unit(3), unit(4, offered=False, status="EN_ROUTE")]},
        "indicators": {"tiles": [tile(n) for n in range(7)] + [tile(7, value=None, freshness="dead")]},
        "indicator_rows": {"columns": ["id", "at"], "rows": [{"id": "x", "at": NOW}]},
        "sources": {"sources": [{"id": "park", "name": names("园区", "Park"), "state": s} for s in ("ok", "ok", "late")]},
        "quarantine": {"items": [{"id": "Q1", "door": "redis", "channel": "alerts.park", "field": "lat",
                                  "reason": "out of range", "payload": "{}", "received_at": NOW, "seen_by": None}]},
        "screens": screens(),
        "duty": {"leader": None, "shift_lead": None, "officers": [],
                 "districts": [{"code": c, "name": names(z, c)} for c, z in
                               (("dc", "东城区"), ("xc", "西城区"), ("gk", "港口区"), ("bh", "北湖县"), ("nh", "南河县"))]},
        "units": {"units": [], "counts": {}}, "marks": {"marks": []},
    }  # fmt: skip
    return {**base, **given}
