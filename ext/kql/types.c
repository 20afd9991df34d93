#include "kql/types.h"

const char *ct_kql_type_name(ct_kql_type type)
{
    static const char *const names[CT_KQL_N_TYPES] = {
        [CT_KQL_NO_TYPE] = "unknown",   [CT_KQL_BOOL] = "bool",         [CT_KQL_INT] = "int",
        [CT_KQL_LONG] = "long",         [CT_KQL_REAL] = "real",         [CT_KQL_STRING] = "string",
        [CT_KQL_DATETIME] = "datetime", [CT_KQL_TIMESPAN] = "timespan", [CT_KQL_GUID] = "guid",
        [CT_KQL_DYNAMIC] = "dynamic",   [CT_KQL_DECIMAL] = "decimal",
    };
    return names[type];
}

ct_kql_type ct_kql_type_named(ct_span name)
{
    static const struct {
        const char *name;
        ct_kql_type type;
    } names[] = {
        {"bool", CT_KQL_BOOL},         {"boolean", CT_KQL_BOOL},      {"int", CT_KQL_INT},
        {"long", CT_KQL_LONG},         {"real", CT_KQL_REAL},         {"double", CT_KQL_REAL},
        {"string", CT_KQL_STRING},     {"datetime", CT_KQL_DATETIME}, {"date", CT_KQL_DATETIME},
        {"timespan", CT_KQL_TIMESPAN}, {"time", CT_KQL_TIMESPAN},     {"guid", CT_KQL_GUID},
        {"uuid", CT_KQL_GUID},         {"uniqueid", CT_KQL_GUID},     {"dynamic", CT_KQL_DYNAMIC},
        {"decimal", CT_KQL_DECIMAL},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (ct_span_is(name, names[i].name))
            return names[i].type;
    return CT_KQL_NO_TYPE;
}
