"""When things run: schedule files, due slots with leases, the scheduler, exports to cron, systemd and Kubernetes.

What a slot does is passed in; nothing here knows how a sample is made.
"""
