"""WHO IS COMPARED: observation, cases, risk sets, controls, audit, attrition."""
