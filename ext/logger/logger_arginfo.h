/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 500b6fe27c5ada190a609e4fbf4bd0018b8b2020 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Logger___construct, 0, 0, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, channel, IS_STRING, 0, "\'app\'")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, rpc, RrEmbed\\Rpc, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Logger_log, 0, 2, IS_VOID, 0)
	ZEND_ARG_OBJ_INFO(0, level, RrEmbed\\LogLevel, 0)
	ZEND_ARG_OBJ_TYPE_MASK(0, message, Stringable, MAY_BE_STRING, NULL)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, context, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()


ZEND_METHOD(RrEmbed_Logger, __construct);
ZEND_METHOD(RrEmbed_Logger, log);


static const zend_function_entry class_RrEmbed_Logger_methods[] = {
	ZEND_ME(RrEmbed_Logger, __construct, arginfo_class_RrEmbed_Logger___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Logger, log, arginfo_class_RrEmbed_Logger_log, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_RrEmbed_Logger(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Logger", class_RrEmbed_Logger_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
