# SPDX-License-Identifier: GPL-3.0-or-later
"""`make chaos`: random faults and pairs of faults on a lab under load, and whether the cluster is whole afterwards."""
