"""Turns places in GCJ-02 or BD-09 into WGS-84: `dispatch.datum`, by the name sources know."""

from dispatch.datum import Point, bd_to_gcj, gcj_to_bd, gcj_to_wgs, outside, to_wgs84, wgs_to_gcj

__all__ = ["Point", "bd_to_gcj", "gcj_to_bd", "gcj_to_wgs", "outside", "to_wgs84", "wgs_to_gcj"]
