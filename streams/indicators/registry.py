"""The indicators: a new one is an entry here and a function in `measures`."""

from streams.indicators import measures
from streams.indicators.metric import Band, Metric
from streams.indicators.shares import by_people, by_sensors
from streams.stale import ORDER

READING = ("sensor_name", "district", "at", "value", "source_name")
ALERT = ("id", "occurred_at", "severity", "title", "place", "state")
ORDERS = ("id", "issued_at", "text", "unit_name", "state", "acked_at", "in_time")

METRICS: dict[str, Metric] = {
    metric.id: metric
    for metric in (
        Metric("order_ack_rate", "up", Band(95, 100, 0, 100), measures.order_ack_rate, ORDERS,
               target=95, digits=1, events=ORDER),
        Metric("calls_110", "down", Band(150, 400, 0, 600), measures.calls_of("calls_110"),
               ALERT, counts=True, share=by_people),
        Metric("calls_119", "down", Band(0, 30, 0, 60), measures.calls_of("calls_119"),
               ALERT, counts=True, share=by_people),
        Metric("dispatch_120", "none", Band(0, 8, 0, 15), measures.dispatch_120, READING,
               sensor="dispatch_120"),
        Metric("power_load", "none", Band(1300, 2700, 0, 3200), measures.power_load, READING,
               sensor="power_load", share=by_sensors("power_load")),
        Metric("water_pressure", "none", Band(0.28, 0.40, 0, 0.6), measures.water_pressure,
               READING, sensor="water_pressure", digits=3),
        Metric("traffic_index", "down", Band(1.0, 1.8, 1.0, 4.0), measures.traffic_index,
               READING, target=1.8, sensor="traffic_index", digits=2),
        Metric("hazmat_alarms", "down", Band(0, 0, 0, 10), measures.hazmat_alarms, ALERT,
               target=0, counts=True),
    )
}  # fmt: skip
