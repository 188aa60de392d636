"""Stands in for the package of the same name that Motia 0.x projects may import; everything is motia's own."""

from motia import ApiRequest, ApiResponse, FlowContext

__all__ = ["ApiRequest", "ApiResponse", "FlowContext"]
