"""The ground floor: words, records and rules of dispatch."""
