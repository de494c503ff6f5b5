/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: a4505a385842a0bcd7dd769edac3e9c288415895 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Metrics___construct, 0, 0, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Metrics_counter, 0, 1, RrEmbed\\Metrics\\Counter, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, help, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, labels, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, namespace, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, subsystem, IS_STRING, 0, "\'\'")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Metrics_histogram, 0, 1, RrEmbed\\Metrics\\Histogram, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, buckets, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, help, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, labels, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, namespace, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, subsystem, IS_STRING, 0, "\'\'")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Metrics_gauge, 0, 1, RrEmbed\\Metrics\\Gauge, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, help, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, labels, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, namespace, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, subsystem, IS_STRING, 0, "\'\'")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Metrics_summary, 0, 1, RrEmbed\\Metrics\\Summary, 0)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, objectives, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, help, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, labels, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, namespace, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, subsystem, IS_STRING, 0, "\'\'")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Metrics_flush, 0, 0, IS_VOID, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Metrics_silent, 0, 0, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, on, _IS_BOOL, 0, "true")
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Metrics_Counter___construct arginfo_class_RrEmbed_Metrics___construct

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Metrics_Counter_inc, 0, 0, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, by, IS_DOUBLE, 0, "1")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, labels, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Metrics_Gauge___construct arginfo_class_RrEmbed_Metrics___construct

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Metrics_Gauge_set, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, v, IS_DOUBLE, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, labels, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Metrics_Gauge_add arginfo_class_RrEmbed_Metrics_Gauge_set

#define arginfo_class_RrEmbed_Metrics_Gauge_sub arginfo_class_RrEmbed_Metrics_Gauge_set

#define arginfo_class_RrEmbed_Metrics_Histogram___construct arginfo_class_RrEmbed_Metrics___construct

#define arginfo_class_RrEmbed_Metrics_Histogram_observe arginfo_class_RrEmbed_Metrics_Gauge_set

#define arginfo_class_RrEmbed_Metrics_Summary___construct arginfo_class_RrEmbed_Metrics___construct

#define arginfo_class_RrEmbed_Metrics_Summary_observe arginfo_class_RrEmbed_Metrics_Gauge_set


ZEND_METHOD(RrEmbed_Metrics, __construct);
ZEND_METHOD(RrEmbed_Metrics, counter);
ZEND_METHOD(RrEmbed_Metrics, histogram);
ZEND_METHOD(RrEmbed_Metrics, gauge);
ZEND_METHOD(RrEmbed_Metrics, summary);
ZEND_METHOD(RrEmbed_Metrics, flush);
ZEND_METHOD(RrEmbed_Metrics, silent);
ZEND_METHOD(RrEmbed_Metrics_Counter, __construct);
ZEND_METHOD(RrEmbed_Metrics_Counter, inc);
ZEND_METHOD(RrEmbed_Metrics_Gauge, __construct);
ZEND_METHOD(RrEmbed_Metrics_Gauge, set);
ZEND_METHOD(RrEmbed_Metrics_Gauge, add);
ZEND_METHOD(RrEmbed_Metrics_Gauge, sub);
ZEND_METHOD(RrEmbed_Metrics_Histogram, __construct);
ZEND_METHOD(RrEmbed_Metrics_Histogram, observe);
ZEND_METHOD(RrEmbed_Metrics_Summary, __construct);
ZEND_METHOD(RrEmbed_Metrics_Summary, observe);


static const zend_function_entry class_RrEmbed_Metrics_methods[] = {
	ZEND_ME(RrEmbed_Metrics, __construct, arginfo_class_RrEmbed_Metrics___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Metrics, counter, arginfo_class_RrEmbed_Metrics_counter, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Metrics, histogram, arginfo_class_RrEmbed_Metrics_histogram, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Metrics, gauge, arginfo_class_RrEmbed_Metrics_gauge, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Metrics, summary, arginfo_class_RrEmbed_Metrics_summary, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Metrics, flush, arginfo_class_RrEmbed_Metrics_flush, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Metrics, silent, arginfo_class_RrEmbed_Metrics_silent, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Metrics_Counter_methods[] = {
	ZEND_ME(RrEmbed_Metrics_Counter, __construct, arginfo_class_RrEmbed_Metrics_Counter___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Metrics_Counter, inc, arginfo_class_RrEmbed_Metrics_Counter_inc, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Metrics_Gauge_methods[] = {
	ZEND_ME(RrEmbed_Metrics_Gauge, __construct, arginfo_class_RrEmbed_Metrics_Gauge___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Metrics_Gauge, set, arginfo_class_RrEmbed_Metrics_Gauge_set, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Metrics_Gauge, add, arginfo_class_RrEmbed_Metrics_Gauge_add, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Metrics_Gauge, sub, arginfo_class_RrEmbed_Metrics_Gauge_sub, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Metrics_Histogram_methods[] = {
	ZEND_ME(RrEmbed_Metrics_Histogram, __construct, arginfo_class_RrEmbed_Metrics_Histogram___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Metrics_Histogram, observe, arginfo_class_RrEmbed_Metrics_Histogram_observe, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Metrics_Summary_methods[] = {
	ZEND_ME(RrEmbed_Metrics_Summary, __construct, arginfo_class_RrEmbed_Metrics_Summary___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Metrics_Summary, observe, arginfo_class_RrEmbed_Metrics_Summary_observe, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_RrEmbed_Metrics(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Metrics", class_RrEmbed_Metrics_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Metrics_Counter(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Metrics", "Counter", class_RrEmbed_Metrics_Counter_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Metrics_Gauge(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Metrics", "Gauge", class_RrEmbed_Metrics_Gauge_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Metrics_Histogram(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Metrics", "Histogram", class_RrEmbed_Metrics_Histogram_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Metrics_Summary(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Metrics", "Summary", class_RrEmbed_Metrics_Summary_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
