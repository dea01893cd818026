"""Run every benchmark in a process of its own, one after the other: `python -m benchmarks [--json]`."""

import subprocess
import sys

NAMES = (
    "cli_import",
    "profile_models",
    "harness_overhead",
    "video_files",
    "clip_score",
    "video_scoring",
    "board",
    "half_life_coverage",
    "interval_coverage",
    "drift_detection",
    "routing_table",
    "switching",
)


def main() -> int:
    """Return 0 when every benchmark ran, the number of those that did not otherwise."""
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *sys.argv[1:]], check=False).returncode
        for name in NAMES
    ]
    return sum(code != 0 for code in codes)


if __name__ == "__main__":
    sys.exit(main())
