"""When things run: schedule files, due slots with leases, the scheduler, exports to cron, systemd and Kubernetes.

What a slot does is passed in; nothing here knows how a sample is made. A file becomes a schedule (`schedule`, its times
in `cron`), its times become rows (`recording`), a row is worked on under a lease (`slots`, `keeper`, `scheduler`) by a
clock that is passed in (`clock`), and other clocks may call for the same rows (`export`).
"""

from schedules.clock import Clock, Stop, SystemClock, stopped_by_signals
from schedules.export import export
from schedules.recording import due
from schedules.schedule import Schedule, load_schedules, schedule_named, upcoming
from schedules.scheduler import SchedulerContext, SlotResult, SlotWork, run_due, run_slot, serve
from schedules.slots import Lease, LeaseTerms, Slot, history

__all__ = [
    "Clock",
    "Lease",
    "LeaseTerms",
    "Schedule",
    "SchedulerContext",
    "Slot",
    "SlotResult",
    "SlotWork",
    "Stop",
    "SystemClock",
    "due",
    "export",
    "history",
    "load_schedules",
    "run_due",
    "run_slot",
    "schedule_named",
    "serve",
    "stopped_by_signals",
    "upcoming",
]
