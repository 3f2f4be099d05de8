"""Plays a register of complaints through the procedure, time skipped: what would have been owed, sent and missed.

`sample.csv`, shipped beside this, holds 200 rows of a real register: complaints against one insurance group, as the
Texas Department of Insurance publishes them (open data, public record). It names no person. The procedure and the
calendar are the firm's; the reasons, the outcomes and the number of days until the answer are theirs.
"""

from pathlib import Path

SAMPLE = Path(__file__).with_name("sample.csv")
"""The register that is played when none is given."""
