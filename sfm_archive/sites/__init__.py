"""What people add to records: jobs and points, where units stood, corrections, calibrations, blasts.

Each statement says who made it and why, and stands beside what was recorded, never over it: `stating` keeps them all.
"""
