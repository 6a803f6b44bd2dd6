"""An accelerator that is none, for tests: a torch backend that keeps its tensors in this machine's
memory and behaves towards its users as CUDA does.

It is found as every backend from outside torch is: whoever has the folder above in PYTHONPATH gets
it with `import torch`, by the entry point beside this package. A backend is registered for ever,
so that its processes are its own.
"""

NAME = "standin"


def possible() -> bool:
    """Whether this torch can be given a backend that is written in Python."""
    from torch.utils import backend_registration

    return hasattr(backend_registration, "_setup_privateuseone_for_python_backend")


def register() -> None:
    """Register the backend; called at the end of `import torch`. Without the hook nothing is."""
    if not possible():
        return
    from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

    from standin import autocast, host, module, tensors

    _setup_privateuseone_for_python_backend(NAME, backend_module=module.Module())
    tensors.register_operators()
    autocast.register()
    host.change_what_the_host_sees()
