"""The clinic of notebook 16: training programs as patients, and a panel of tests for them.

    from course_utils import clinic

    ward = clinic.ward("me")
    ward.chart(1)
    ward.order(1, "first loss")
    ward.reveal(1, patient_1())
"""

from course_utils.clinic.answers import DIAGNOSES, HEALTHY, cost
from course_utils.clinic.panel import PANEL
from course_utils.clinic.ward import (
    diagnoses,
    first_losses,
    open_programs,
    panel,
    patch_program,
    patch_source,
    ward,
)

__all__ = [
    "DIAGNOSES", "HEALTHY", "PANEL", "cost", "diagnoses", "first_losses", "open_programs", "panel",
    "patch_program", "patch_source", "ward",
]  # fmt: skip
