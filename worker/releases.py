"""Several releases of the worker beside each other, and new branches of the workflow that are not taken yet.

With worker versioning on, Temporal gives every step of every complaint to the current version of the deployment; a
complaint lives through many releases, so each follows along at its next step (AUTO_UPGRADE), and follows back when the
one before is made current again. What new code has written into a history the code before it cannot replay: a patch
that is *asleep* writes nothing yet.
"""

from collections.abc import Callable, Collection

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import PatchActivationInput, WorkerDeploymentConfig

from worker.settings import Settings


def deployment_config(settings: Settings) -> WorkerDeploymentConfig | None:
    """Say which version of which deployment this worker is; None: it takes any step, as without versioning."""
    if settings.deployment is None or settings.build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def patches_awake(asleep: Collection[str]) -> Callable[[PatchActivationInput], bool]:
    """Make what decides whether a complaint enters a new branch: not those of patches that are asleep.

    Asked only where a history does not say: a complaint that has entered a branch stays in it.
    """
    sleeping = frozenset(asleep)
    return lambda asked: asked.patch_id not in sleeping
