"""What ministack leaves out of a template that AWS would do. Each gap is closed with the template's own values."""

from __future__ import annotations

import json
from typing import Any

from local.emulator import Emulator


def without_metric_math(template: dict[str, Any]) -> dict[str, Any]:
    """The template without alarms on a calculation of metrics, which ministack refuses."""
    resources = {name: one for name, one in template["Resources"].items() if "Metrics" not in one.get("Properties", {})}
    return {**template, "Resources": resources}


def close(emulator: Emulator, template: dict[str, Any], outputs: dict[str, str], api_url: str) -> None:
    """Bring the deployed service stack to where AWS would have it."""
    api, api_id = template["Resources"]["RestAPI"]["Properties"], outputs["RestAPIId"]
    _preflights(emulator, api, api_id)
    _other_methods(emulator, api, api_id)
    _gateway_responses(emulator, api, api_id)
    emulator.client("apigateway").create_deployment(restApiId=api_id, stageName=api["StageName"])
    _stream_filters(emulator)
    _public_url(emulator, api_url, outputs["APIHandlerName"])


def _preflights(emulator: Emulator, api: dict[str, Any], api_id: str) -> None:
    """The import of an API drops integration responses, so OPTIONS answers without CORS headers."""
    gateway = emulator.client("apigateway")
    resources = {one["path"]: one["id"] for one in gateway.get_resources(restApiId=api_id, limit=500)["items"]}
    for path, methods in api["DefinitionBody"]["paths"].items():
        if "options" in methods:
            integration = methods["options"]["x-amazon-apigateway-integration"]
            response = integration["responses"]["default"]
            gateway.put_integration_response(
                restApiId=api_id,
                resourceId=resources[path],
                httpMethod="OPTIONS",
                statusCode=response["statusCode"],
                responseParameters=response["responseParameters"],
            )


def _other_methods(emulator: Emulator, api: dict[str, Any], api_id: str) -> None:
    """The import of an API ignores the entry for other methods. It is added here, with the path's own function."""
    gateway = emulator.client("apigateway")
    for resource in gateway.get_resources(restApiId=api_id, limit=500)["items"]:
        methods = api["DefinitionBody"]["paths"].get(resource["path"], {})
        if "x-amazon-apigateway-any-method" not in methods:
            continue
        place = {"restApiId": api_id, "resourceId": resource["id"]}
        known = next(method.upper() for method in methods if method in ("get", "put", "post", "delete"))
        uri = gateway.get_integration(**place, httpMethod=known)["uri"]
        if "ANY" not in resource.get("resourceMethods", {}):
            gateway.put_method(**place, httpMethod="ANY", authorizationType="NONE")
        gateway.put_integration(**place, httpMethod="ANY", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)


def _gateway_responses(emulator: Emulator, api: dict[str, Any], api_id: str) -> None:
    """The import of an API drops its gateway responses too."""
    gateway = emulator.client("apigateway")
    for kind, response in api["GatewayResponses"].items():
        headers = response["ResponseParameters"]["Headers"]
        status = {"statusCode": str(response["StatusCode"])} if "StatusCode" in response else {}
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers.items()},
            responseTemplates=response["ResponseTemplates"],
            **status,
        )


def switch_on_time_to_live(emulator: Emulator, table: dict[str, Any], name: str) -> None:
    """A template's TTL is not switched on."""
    dynamodb = emulator.client("dynamodb")
    described = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if described["TimeToLiveStatus"] != "ENABLED":
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=table["TimeToLiveSpecification"])


def _stream_filters(emulator: Emulator) -> None:
    """A filter for what does not exist matches only if its parent exists. Here it asks for the parent instead."""
    client = emulator.client("lambda")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        patterns = [json.loads(asked["Pattern"]) for asked in mapping["FilterCriteria"]["Filters"]]
        for pattern in patterns:
            image = pattern["dynamodb"]["NewImage"]
            for name, asked in image.items():
                if asked == {"BOOL": [{"exists": False}]}:
                    image[name] = [{"exists": False}]
        filters = {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]}
        if filters != mapping["FilterCriteria"]:
            client.update_event_source_mapping(UUID=mapping["UUID"], FilterCriteria=filters)


def _public_url(emulator: Emulator, api_url: str, function: str) -> None:
    """The emulator puts a path in front of the stage's path. The function learns the full address here."""
    client = emulator.client("lambda")
    variables = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    if variables.get("PUBLIC_URL") != api_url:
        changed = {"Variables": {**variables, "PUBLIC_URL": api_url}}
        client.update_function_configuration(FunctionName=function, Environment=changed)
