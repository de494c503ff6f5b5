/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: b494273a474bb88721fc865dcf591ad0aab2644b */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Pool___construct, 0, 0, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Pool_workers, 0, 0, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, plugin, IS_STRING, 0, "\'http\'")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Pool_add, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, plugin, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Pool_remove arginfo_class_RrEmbed_Pool_add

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Pool_reset, 0, 0, IS_VOID, 0)
	ZEND_ARG_VARIADIC_TYPE_INFO(0, plugins, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_ServiceSpec___construct, 0, 0, 2)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, command, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, processes, IS_LONG, 0, "1")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, execTimeout, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, restart, _IS_BOOL, 0, "false")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, env, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, restartDelay, IS_DOUBLE, 0, "30")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, nameInLog, _IS_BOOL, 0, "false")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, stopTimeout, IS_DOUBLE, 0, "5")
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Services___construct arginfo_class_RrEmbed_Pool___construct

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Services_list, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Services_create, 0, 1, IS_VOID, 0)
	ZEND_ARG_OBJ_INFO(0, spec, RrEmbed\\ServiceSpec, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Services_restart, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Services_terminate arginfo_class_RrEmbed_Services_restart

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Services_status, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Tasks___construct arginfo_class_RrEmbed_Pool___construct

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Tasks_available, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Tasks_dispatch, 0, 1, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, payload, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Tasks_all, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO(0, payloads, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 0, "3.0")
ZEND_END_ARG_INFO()


ZEND_METHOD(RrEmbed_Pool, __construct);
ZEND_METHOD(RrEmbed_Pool, workers);
ZEND_METHOD(RrEmbed_Pool, add);
ZEND_METHOD(RrEmbed_Pool, remove);
ZEND_METHOD(RrEmbed_Pool, reset);
ZEND_METHOD(RrEmbed_ServiceSpec, __construct);
ZEND_METHOD(RrEmbed_Services, __construct);
ZEND_METHOD(RrEmbed_Services, list);
ZEND_METHOD(RrEmbed_Services, create);
ZEND_METHOD(RrEmbed_Services, restart);
ZEND_METHOD(RrEmbed_Services, terminate);
ZEND_METHOD(RrEmbed_Services, status);
ZEND_METHOD(RrEmbed_Tasks, __construct);
ZEND_METHOD(RrEmbed_Tasks, available);
ZEND_METHOD(RrEmbed_Tasks, dispatch);
ZEND_METHOD(RrEmbed_Tasks, all);


static const zend_function_entry class_RrEmbed_Pool_methods[] = {
	ZEND_ME(RrEmbed_Pool, __construct, arginfo_class_RrEmbed_Pool___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Pool, workers, arginfo_class_RrEmbed_Pool_workers, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Pool, add, arginfo_class_RrEmbed_Pool_add, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Pool, remove, arginfo_class_RrEmbed_Pool_remove, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Pool, reset, arginfo_class_RrEmbed_Pool_reset, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_ServiceSpec_methods[] = {
	ZEND_ME(RrEmbed_ServiceSpec, __construct, arginfo_class_RrEmbed_ServiceSpec___construct, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Services_methods[] = {
	ZEND_ME(RrEmbed_Services, __construct, arginfo_class_RrEmbed_Services___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Services, list, arginfo_class_RrEmbed_Services_list, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Services, create, arginfo_class_RrEmbed_Services_create, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Services, restart, arginfo_class_RrEmbed_Services_restart, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Services, terminate, arginfo_class_RrEmbed_Services_terminate, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Services, status, arginfo_class_RrEmbed_Services_status, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Tasks_methods[] = {
	ZEND_ME(RrEmbed_Tasks, __construct, arginfo_class_RrEmbed_Tasks___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Tasks, available, arginfo_class_RrEmbed_Tasks_available, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Tasks, dispatch, arginfo_class_RrEmbed_Tasks_dispatch, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Tasks, all, arginfo_class_RrEmbed_Tasks_all, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_RrEmbed_Pool(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Pool", class_RrEmbed_Pool_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_ServiceSpec(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "ServiceSpec", class_RrEmbed_ServiceSpec_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_READONLY_CLASS;

	zval property_name_default_value;
	ZVAL_UNDEF(&property_name_default_value);
	zend_string *property_name_name = zend_string_init("name", sizeof("name") - 1, 1);
	zend_declare_typed_property(class_entry, property_name_name, &property_name_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_name_name);

	zval property_command_default_value;
	ZVAL_UNDEF(&property_command_default_value);
	zend_string *property_command_name = zend_string_init("command", sizeof("command") - 1, 1);
	zend_declare_typed_property(class_entry, property_command_name, &property_command_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_command_name);

	zval property_processes_default_value;
	ZVAL_UNDEF(&property_processes_default_value);
	zend_string *property_processes_name = zend_string_init("processes", sizeof("processes") - 1, 1);
	zend_declare_typed_property(class_entry, property_processes_name, &property_processes_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_processes_name);

	zval property_execTimeout_default_value;
	ZVAL_UNDEF(&property_execTimeout_default_value);
	zend_string *property_execTimeout_name = zend_string_init("execTimeout", sizeof("execTimeout") - 1, 1);
	zend_declare_typed_property(class_entry, property_execTimeout_name, &property_execTimeout_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_DOUBLE));
	zend_string_release(property_execTimeout_name);

	zval property_restart_default_value;
	ZVAL_UNDEF(&property_restart_default_value);
	zend_string *property_restart_name = zend_string_init("restart", sizeof("restart") - 1, 1);
	zend_declare_typed_property(class_entry, property_restart_name, &property_restart_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_restart_name);

	zval property_env_default_value;
	ZVAL_UNDEF(&property_env_default_value);
	zend_string *property_env_name = zend_string_init("env", sizeof("env") - 1, 1);
	zend_declare_typed_property(class_entry, property_env_name, &property_env_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_env_name);

	zval property_restartDelay_default_value;
	ZVAL_UNDEF(&property_restartDelay_default_value);
	zend_string *property_restartDelay_name = zend_string_init("restartDelay", sizeof("restartDelay") - 1, 1);
	zend_declare_typed_property(class_entry, property_restartDelay_name, &property_restartDelay_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_DOUBLE));
	zend_string_release(property_restartDelay_name);

	zval property_nameInLog_default_value;
	ZVAL_UNDEF(&property_nameInLog_default_value);
	zend_string *property_nameInLog_name = zend_string_init("nameInLog", sizeof("nameInLog") - 1, 1);
	zend_declare_typed_property(class_entry, property_nameInLog_name, &property_nameInLog_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_nameInLog_name);

	zval property_stopTimeout_default_value;
	ZVAL_UNDEF(&property_stopTimeout_default_value);
	zend_string *property_stopTimeout_name = zend_string_init("stopTimeout", sizeof("stopTimeout") - 1, 1);
	zend_declare_typed_property(class_entry, property_stopTimeout_name, &property_stopTimeout_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_DOUBLE));
	zend_string_release(property_stopTimeout_name);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Services(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Services", class_RrEmbed_Services_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Tasks(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Tasks", class_RrEmbed_Tasks_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
