"""Findings that stay, and why. An explanation that explains nothing any more is a finding itself."""

_EXPRESS = "parliament knows the ARN of express executions only; the action takes standard ones, which ours are."

# (rule, template/resource) -> why it stays
EXPLAINED = {
    ("RESOURCE_MISMATCH", "access/WatchEngine"): _EXPRESS,
    ("RESOURCE_MISMATCH", "engine/MachineRole"): _EXPRESS,
    ("WildcardResourceRule", "engine/MachineRole"): (
        "The calls that deliver a state machine's log know no resource (guide: Logging using CloudWatch Logs). A unit "
        "test holds that these eight are the only ones and that no function has them."
    ),
    ("S3ObjectVersioningRule", "page/Files"): "The bucket holds a copy of `web/`, whose versions git keeps.",
    ("S3ObjectVersioningRule", "data/Media"): (
        "No key of the media bucket is ever written twice, and all of it can be made again from the uploads, which are "
        "versioned: versions here would keep, and bill, films that were deleted."
    ),
}
