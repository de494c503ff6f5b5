/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 392071043356a13501c37d64b3c508fee65277f6 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Jobs_Options___construct, 0, 0, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, priority, IS_LONG, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, delay, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, autoAck, _IS_BOOL, 0, "false")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, id, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, headers, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, driver, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Jobs_Stats___construct, 0, 0, 8)
	ZEND_ARG_TYPE_INFO(0, pipeline, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, driver, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, queue, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, active, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, delayed, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, reserved, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, priority, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, ready, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Jobs_Queue___construct, 0, 0, 1)
	ZEND_ARG_TYPE_INFO(0, pipeline, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, defaults, RrEmbed\\Jobs\\Options, 1, "null")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, rpc, RrEmbed\\Rpc, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Queue_push, 0, 2, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, payload, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, options, RrEmbed\\Jobs\\Options, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Queue_pushMany, 0, 1, IS_ARRAY, 0)
	ZEND_ARG_OBJ_TYPE_MASK(0, jobs, Traversable, MAY_BE_ARRAY, NULL)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Queue_pause, 0, 0, IS_VOID, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Jobs_Queue_resume arginfo_class_RrEmbed_Jobs_Queue_pause

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Jobs_Queue_stats, 0, 0, RrEmbed\\Jobs\\Stats, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Jobs_Queue_declare, 0, 2, RrEmbed\\Jobs\\Queue, 0)
	ZEND_ARG_TYPE_INFO(0, pipeline, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, driver, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, config, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Queue_list, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Jobs_Consumer_next, 0, 0, RrEmbed\\Jobs\\Job, 1)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Consumer_run, 0, 1, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, handler, IS_CALLABLE, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, requeueOnError, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Jobs_Job___construct, 0, 0, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Job_header, 0, 1, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Jobs_Job_ack arginfo_class_RrEmbed_Jobs_Queue_pause

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Job_answered, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Job_nack, 0, 0, IS_VOID, 0)
	ZEND_ARG_OBJ_TYPE_MASK(0, reason, Throwable, MAY_BE_STRING, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, requeue, _IS_BOOL, 0, "false")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, delay, IS_DOUBLE, 0, "0")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Job_requeue, 0, 0, IS_VOID, 0)
	ZEND_ARG_OBJ_TYPE_MASK(0, reason, Throwable, MAY_BE_STRING, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, delay, IS_DOUBLE, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, headers, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Jobs_Job_keepAlive, 0, 0, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, seconds, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()


ZEND_METHOD(RrEmbed_Jobs_Options, __construct);
ZEND_METHOD(RrEmbed_Jobs_Stats, __construct);
ZEND_METHOD(RrEmbed_Jobs_Queue, __construct);
ZEND_METHOD(RrEmbed_Jobs_Queue, push);
ZEND_METHOD(RrEmbed_Jobs_Queue, pushMany);
ZEND_METHOD(RrEmbed_Jobs_Queue, pause);
ZEND_METHOD(RrEmbed_Jobs_Queue, resume);
ZEND_METHOD(RrEmbed_Jobs_Queue, stats);
ZEND_METHOD(RrEmbed_Jobs_Queue, declare);
ZEND_METHOD(RrEmbed_Jobs_Queue, list);
ZEND_METHOD(RrEmbed_Jobs_Consumer, next);
ZEND_METHOD(RrEmbed_Jobs_Consumer, run);
ZEND_METHOD(RrEmbed_Jobs_Job, __construct);
ZEND_METHOD(RrEmbed_Jobs_Job, header);
ZEND_METHOD(RrEmbed_Jobs_Job, ack);
ZEND_METHOD(RrEmbed_Jobs_Job, answered);
ZEND_METHOD(RrEmbed_Jobs_Job, nack);
ZEND_METHOD(RrEmbed_Jobs_Job, requeue);
ZEND_METHOD(RrEmbed_Jobs_Job, keepAlive);


static const zend_function_entry class_RrEmbed_Jobs_Options_methods[] = {
	ZEND_ME(RrEmbed_Jobs_Options, __construct, arginfo_class_RrEmbed_Jobs_Options___construct, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Jobs_Stats_methods[] = {
	ZEND_ME(RrEmbed_Jobs_Stats, __construct, arginfo_class_RrEmbed_Jobs_Stats___construct, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Jobs_Queue_methods[] = {
	ZEND_ME(RrEmbed_Jobs_Queue, __construct, arginfo_class_RrEmbed_Jobs_Queue___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Queue, push, arginfo_class_RrEmbed_Jobs_Queue_push, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Queue, pushMany, arginfo_class_RrEmbed_Jobs_Queue_pushMany, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Queue, pause, arginfo_class_RrEmbed_Jobs_Queue_pause, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Queue, resume, arginfo_class_RrEmbed_Jobs_Queue_resume, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Queue, stats, arginfo_class_RrEmbed_Jobs_Queue_stats, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Queue, declare, arginfo_class_RrEmbed_Jobs_Queue_declare, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Jobs_Queue, list, arginfo_class_RrEmbed_Jobs_Queue_list, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Jobs_Consumer_methods[] = {
	ZEND_ME(RrEmbed_Jobs_Consumer, next, arginfo_class_RrEmbed_Jobs_Consumer_next, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Consumer, run, arginfo_class_RrEmbed_Jobs_Consumer_run, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Jobs_Job_methods[] = {
	ZEND_ME(RrEmbed_Jobs_Job, __construct, arginfo_class_RrEmbed_Jobs_Job___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Jobs_Job, header, arginfo_class_RrEmbed_Jobs_Job_header, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Job, ack, arginfo_class_RrEmbed_Jobs_Job_ack, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Job, answered, arginfo_class_RrEmbed_Jobs_Job_answered, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Job, nack, arginfo_class_RrEmbed_Jobs_Job_nack, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Job, requeue, arginfo_class_RrEmbed_Jobs_Job_requeue, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Jobs_Job, keepAlive, arginfo_class_RrEmbed_Jobs_Job_keepAlive, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_RrEmbed_Jobs_Options(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Jobs", "Options", class_RrEmbed_Jobs_Options_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_READONLY_CLASS;

	zval property_priority_default_value;
	ZVAL_UNDEF(&property_priority_default_value);
	zend_string *property_priority_name = zend_string_init("priority", sizeof("priority") - 1, 1);
	zend_declare_typed_property(class_entry, property_priority_name, &property_priority_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_priority_name);

	zval property_delay_default_value;
	ZVAL_UNDEF(&property_delay_default_value);
	zend_string *property_delay_name = zend_string_init("delay", sizeof("delay") - 1, 1);
	zend_declare_typed_property(class_entry, property_delay_name, &property_delay_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_DOUBLE));
	zend_string_release(property_delay_name);

	zval property_autoAck_default_value;
	ZVAL_UNDEF(&property_autoAck_default_value);
	zend_string *property_autoAck_name = zend_string_init("autoAck", sizeof("autoAck") - 1, 1);
	zend_declare_typed_property(class_entry, property_autoAck_name, &property_autoAck_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_autoAck_name);

	zval property_id_default_value;
	ZVAL_UNDEF(&property_id_default_value);
	zend_string *property_id_name = zend_string_init("id", sizeof("id") - 1, 1);
	zend_declare_typed_property(class_entry, property_id_name, &property_id_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING|MAY_BE_NULL));
	zend_string_release(property_id_name);

	zval property_headers_default_value;
	ZVAL_UNDEF(&property_headers_default_value);
	zend_string *property_headers_name = zend_string_init("headers", sizeof("headers") - 1, 1);
	zend_declare_typed_property(class_entry, property_headers_name, &property_headers_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_headers_name);

	zval property_driver_default_value;
	ZVAL_UNDEF(&property_driver_default_value);
	zend_string *property_driver_name = zend_string_init("driver", sizeof("driver") - 1, 1);
	zend_declare_typed_property(class_entry, property_driver_name, &property_driver_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_driver_name);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Jobs_Stats(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Jobs", "Stats", class_RrEmbed_Jobs_Stats_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_READONLY_CLASS;

	zval property_pipeline_default_value;
	ZVAL_UNDEF(&property_pipeline_default_value);
	zend_string *property_pipeline_name = zend_string_init("pipeline", sizeof("pipeline") - 1, 1);
	zend_declare_typed_property(class_entry, property_pipeline_name, &property_pipeline_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_pipeline_name);

	zval property_driver_default_value;
	ZVAL_UNDEF(&property_driver_default_value);
	zend_string *property_driver_name = zend_string_init("driver", sizeof("driver") - 1, 1);
	zend_declare_typed_property(class_entry, property_driver_name, &property_driver_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_driver_name);

	zval property_queue_default_value;
	ZVAL_UNDEF(&property_queue_default_value);
	zend_string *property_queue_name = zend_string_init("queue", sizeof("queue") - 1, 1);
	zend_declare_typed_property(class_entry, property_queue_name, &property_queue_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_queue_name);

	zval property_active_default_value;
	ZVAL_UNDEF(&property_active_default_value);
	zend_string *property_active_name = zend_string_init("active", sizeof("active") - 1, 1);
	zend_declare_typed_property(class_entry, property_active_name, &property_active_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_active_name);

	zval property_delayed_default_value;
	ZVAL_UNDEF(&property_delayed_default_value);
	zend_string *property_delayed_name = zend_string_init("delayed", sizeof("delayed") - 1, 1);
	zend_declare_typed_property(class_entry, property_delayed_name, &property_delayed_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_delayed_name);

	zval property_reserved_default_value;
	ZVAL_UNDEF(&property_reserved_default_value);
	zend_string *property_reserved_name = zend_string_init("reserved", sizeof("reserved") - 1, 1);
	zend_declare_typed_property(class_entry, property_reserved_name, &property_reserved_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_reserved_name);

	zval property_priority_default_value;
	ZVAL_UNDEF(&property_priority_default_value);
	zend_string *property_priority_name = zend_string_init("priority", sizeof("priority") - 1, 1);
	zend_declare_typed_property(class_entry, property_priority_name, &property_priority_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_priority_name);

	zval property_ready_default_value;
	ZVAL_UNDEF(&property_ready_default_value);
	zend_string *property_ready_name = zend_string_init("ready", sizeof("ready") - 1, 1);
	zend_declare_typed_property(class_entry, property_ready_name, &property_ready_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_ready_name);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Jobs_Queue(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Jobs", "Queue", class_RrEmbed_Jobs_Queue_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Jobs_Consumer(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Jobs", "Consumer", class_RrEmbed_Jobs_Consumer_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Jobs_Job(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Jobs", "Job", class_RrEmbed_Jobs_Job_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_id_default_value;
	ZVAL_UNDEF(&property_id_default_value);
	zend_string *property_id_name = zend_string_init("id", sizeof("id") - 1, 1);
	zend_declare_typed_property(class_entry, property_id_name, &property_id_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_id_name);

	zval property_name_default_value;
	ZVAL_UNDEF(&property_name_default_value);
	zend_string *property_name_name = zend_string_init("name", sizeof("name") - 1, 1);
	zend_declare_typed_property(class_entry, property_name_name, &property_name_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_name_name);

	zval property_payload_default_value;
	ZVAL_UNDEF(&property_payload_default_value);
	zend_string *property_payload_name = zend_string_init("payload", sizeof("payload") - 1, 1);
	zend_declare_typed_property(class_entry, property_payload_name, &property_payload_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_payload_name);

	zval property_pipeline_default_value;
	ZVAL_UNDEF(&property_pipeline_default_value);
	zend_string *property_pipeline_name = zend_string_init("pipeline", sizeof("pipeline") - 1, 1);
	zend_declare_typed_property(class_entry, property_pipeline_name, &property_pipeline_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_pipeline_name);

	zval property_queue_default_value;
	ZVAL_UNDEF(&property_queue_default_value);
	zend_string *property_queue_name = zend_string_init("queue", sizeof("queue") - 1, 1);
	zend_declare_typed_property(class_entry, property_queue_name, &property_queue_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_queue_name);

	zval property_driver_default_value;
	ZVAL_UNDEF(&property_driver_default_value);
	zend_string *property_driver_name = zend_string_init("driver", sizeof("driver") - 1, 1);
	zend_declare_typed_property(class_entry, property_driver_name, &property_driver_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_driver_name);

	zval property_headers_default_value;
	ZVAL_UNDEF(&property_headers_default_value);
	zend_string *property_headers_name = zend_string_init("headers", sizeof("headers") - 1, 1);
	zend_declare_typed_property(class_entry, property_headers_name, &property_headers_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_headers_name);

	zval property_attempt_default_value;
	ZVAL_UNDEF(&property_attempt_default_value);
	zend_string *property_attempt_name = zend_string_init("attempt", sizeof("attempt") - 1, 1);
	zend_declare_typed_property(class_entry, property_attempt_name, &property_attempt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG|MAY_BE_NULL));
	zend_string_release(property_attempt_name);

	return class_entry;
}
