/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 47343f8315429546c7027edd4b284cc62f6f2909 */

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Rpc___construct, 0, 0, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, address, IS_STRING, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Rpc_call, 0, 2, IS_MIXED, 0)
	ZEND_ARG_TYPE_INFO(0, method, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, payload, IS_MIXED, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, codec, RrEmbed\\Codec, 0, "RrEmbed\\Codec::Json")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Rpc_begin, 0, 2, RrEmbed\\PendingCall, 0)
	ZEND_ARG_TYPE_INFO(0, method, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, payload, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, codec, RrEmbed\\Codec, 0, "RrEmbed\\Codec::Raw")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Rpc_send, 0, 2, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, method, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, payload, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, codec, RrEmbed\\Codec, 0, "RrEmbed\\Codec::Raw")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Rpc_config, 0, 0, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, section, IS_STRING, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Rpc_address, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_PendingCall___construct, 0, 0, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_PendingCall_ready, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_PendingCall_result, 0, 0, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_PendingCall_cancel, 0, 0, IS_VOID, 0)
ZEND_END_ARG_INFO()


ZEND_METHOD(RrEmbed_Rpc, __construct);
ZEND_METHOD(RrEmbed_Rpc, call);
ZEND_METHOD(RrEmbed_Rpc, begin);
ZEND_METHOD(RrEmbed_Rpc, send);
ZEND_METHOD(RrEmbed_Rpc, config);
ZEND_METHOD(RrEmbed_Rpc, address);
ZEND_METHOD(RrEmbed_PendingCall, __construct);
ZEND_METHOD(RrEmbed_PendingCall, ready);
ZEND_METHOD(RrEmbed_PendingCall, result);
ZEND_METHOD(RrEmbed_PendingCall, cancel);


static const zend_function_entry class_RrEmbed_Rpc_methods[] = {
	ZEND_ME(RrEmbed_Rpc, __construct, arginfo_class_RrEmbed_Rpc___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Rpc, call, arginfo_class_RrEmbed_Rpc_call, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Rpc, begin, arginfo_class_RrEmbed_Rpc_begin, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Rpc, send, arginfo_class_RrEmbed_Rpc_send, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Rpc, config, arginfo_class_RrEmbed_Rpc_config, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Rpc, address, arginfo_class_RrEmbed_Rpc_address, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_PendingCall_methods[] = {
	ZEND_ME(RrEmbed_PendingCall, __construct, arginfo_class_RrEmbed_PendingCall___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_PendingCall, ready, arginfo_class_RrEmbed_PendingCall_ready, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_PendingCall, result, arginfo_class_RrEmbed_PendingCall_result, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_PendingCall, cancel, arginfo_class_RrEmbed_PendingCall_cancel, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_RrEmbed_Rpc(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Rpc", class_RrEmbed_Rpc_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_PendingCall(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "PendingCall", class_RrEmbed_PendingCall_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}
