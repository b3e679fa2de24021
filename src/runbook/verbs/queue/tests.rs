//! The verbs of queues as tables: what they ask, refuse and propose.
